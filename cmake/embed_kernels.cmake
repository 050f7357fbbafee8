# Writes OUTPUT, a C file that holds the text of every kernel file in the list KERNELS, as
#     const ds_kernel_source ds_kernel_sources[] = {{"dense.cl", "..."}, ..., {NULL, NULL}};
# Each source line becomes a string literal of its own, so that no compiler's limit on one literal is
# met and the generated file can be read.
set(text "/* Generated from kernels/ by embed_kernels.cmake. */\n#include \"device/kernel_source.h\"\n\n")
string(APPEND text "const ds_kernel_source ds_kernel_sources[] = {\n")
foreach(kernel IN LISTS KERNELS)
  get_filename_component(name "${kernel}" NAME)
  file(READ "${kernel}" source)
  string(REPLACE "\\" "\\\\" source "${source}")
  string(REPLACE "\"" "\\\"" source "${source}")
  string(REPLACE "\n" "\\n\"\n     \"" source "${source}")
  string(APPEND text "    {\"${name}\",\n     \"${source}\"},\n")
endforeach()
string(APPEND text "    {0, 0}};\n")
file(WRITE "${OUTPUT}" "${text}")
