# What `cmake --install` puts where. The tree can be moved afterwards: the binary finds the library,
# and descent.pc and the CMake package find everything, relative to themselves.
include(CMakePackageConfigHelpers)

install(TARGETS descent EXPORT descent
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS descent_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES include/descent.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES host/cli/descent.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

set(pc_to_prefix /prefix)
cmake_path(RELATIVE_PATH pc_to_prefix BASE_DIRECTORY /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig)
configure_file(cmake/descent.pc.in descent.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/descent.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/descent)
install(EXPORT descent NAMESPACE descent:: FILE descent-config.cmake DESTINATION ${package})
write_basic_package_version_file(descent-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/descent-config-version.cmake DESTINATION ${package})
