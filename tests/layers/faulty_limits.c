/* Limits of a device: reported in place of its own, and held to. */
#include "faulty_layer.h"

enum { MOST_TEXTS = 62, MOST_ALLOCATION = 1 << 30 };

static const size_t most_address = 0xffffffff;

static bool lacks_double(void) {
    return faulty_setting("FAULTY_NO_DOUBLE") != 0;
}

static bool is_narrow(void) {
    return faulty_setting("FAULTY_ADDRESS") == 32;
}

static size_t at_most(size_t value, long limit) {
    return limit > 0 && (size_t)limit < value ? (size_t)limit : value;
}

/* ---- reported ---- */

static void hide(char *text, const char *word) {
    for (char *at = text; (at = strstr(at, word)) != NULL;)
        memset(at, ' ', strlen(word));
}

static void change_type(cl_device_type *type) {
    const char *wanted = getenv("FAULTY_TYPE");
    if (wanted && strcmp(wanted, "gpu") == 0)
        *type = CL_DEVICE_TYPE_GPU;
}

/* Changes an answer of the device in place. */
static void limit(cl_device_info name, void *value) {
    switch (name) {
    case CL_DEVICE_MAX_WORK_ITEM_SIZES:
        for (int i = 0; i < 3; i++)
            ((size_t *)value)[i] = at_most(((size_t *)value)[i], faulty_setting("FAULTY_GROUP"));
        break;
    case CL_DEVICE_MAX_WORK_GROUP_SIZE:
        *(size_t *)value = at_most(*(size_t *)value, faulty_setting("FAULTY_GROUP"));
        break;
    case CL_DEVICE_LOCAL_MEM_SIZE:
        *(cl_ulong *)value = at_most(*(cl_ulong *)value, faulty_setting("FAULTY_LOCAL"));
        break;
    case CL_DEVICE_ADDRESS_BITS:
        *(cl_uint *)value = is_narrow() ? 32 : *(cl_uint *)value;
        break;
    case CL_DEVICE_GLOBAL_MEM_SIZE:
        *(cl_ulong *)value = at_most(*(cl_ulong *)value, is_narrow() ? (long)most_address : 0);
        break;
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
        *(cl_ulong *)value = at_most(*(cl_ulong *)value, is_narrow() ? MOST_ALLOCATION : 0);
        break;
    case CL_DEVICE_DOUBLE_FP_CONFIG:
        *(cl_device_fp_config *)value *= !lacks_double();
        break;
    case CL_DEVICE_SINGLE_FP_CONFIG:
        if (faulty_setting("FAULTY_NO_DIVISION"))
            *(cl_device_fp_config *)value &=
                ~(cl_device_fp_config)CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT;
        break;
    case CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE:
    case CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE:
        *(cl_uint *)value *= !lacks_double();
        break;
    case CL_DEVICE_EXTENSIONS:
        if (lacks_double())
            hide(value, "cl_khr_fp64");
        break;
    }
}

static cl_int CL_API_CALL get_device_info(cl_device_id device, cl_device_info name, size_t size,
                                          void *value, size_t *size_out) {
    cl_int code = faulty_target->clGetDeviceInfo(device, name, size, value, size_out);
    if (code == CL_SUCCESS && value && name == CL_DEVICE_TYPE)
        change_type(value);
    else if (code == CL_SUCCESS && value && !faulty_setting("FAULTY_SILENT"))
        limit(name, value);
    return code;
}

static cl_int CL_API_CALL get_group_info(cl_kernel kernel, cl_device_id device,
                                         cl_kernel_work_group_info name, size_t size, void *value,
                                         size_t *size_out) {
    cl_int code =
        faulty_target->clGetKernelWorkGroupInfo(kernel, device, name, size, value, size_out);
    if (code == CL_SUCCESS && value && name == CL_KERNEL_WORK_GROUP_SIZE &&
        !faulty_setting("FAULTY_SILENT"))
        *(size_t *)value = at_most(*(size_t *)value, faulty_setting("FAULTY_GROUP"));
    return code;
}

/* ---- held to ---- */

static cl_program CL_API_CALL create_program(cl_context context, cl_uint count, const char **text,
                                             const size_t *length, cl_int *code) {
    const char *all[MOST_TEXTS + 2] = {"", "\n"};
    size_t lengths[MOST_TEXTS + 2] = {0}; /* 0: up to the end */
    if (count > MOST_TEXTS) {
        *code = CL_INVALID_VALUE;
        return NULL;
    }
    if (lacks_double())
        all[0] = "#undef cl_khr_fp64\n#define double this_device_has_no_double\n";
    if (is_narrow())
        all[1] = "#define size_t uint\n#define ptrdiff_t int\n";
    for (cl_uint i = 0; i < count; i++) {
        all[i + 2] = text[i];
        lengths[i + 2] = length ? length[i] : 0;
    }
    return faulty_target->clCreateProgramWithSource(context, count + 2, all, lengths, code);
}

static cl_mem CL_API_CALL create_buffer(cl_context context, cl_mem_flags flags, size_t bytes,
                                        void *host, cl_int *code) {
    if (!is_narrow() || bytes <= MOST_ALLOCATION)
        return faulty_target->clCreateBuffer(context, flags, bytes, host, code);
    *code = CL_INVALID_BUFFER_SIZE;
    return NULL;
}

static cl_int refuse(cl_kernel kernel, const char *what, size_t asked, size_t most, cl_int code) {
    char name[256] = "";
    (void)faulty_target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name - 1, name,
                                         NULL);
    fprintf(stderr, "faulty layer: kernel %s asks for %s of %zu, the most is %zu\n", name, what,
            asked, most);
    return code;
}

cl_int faulty_limits_judge(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                           const size_t *global, const size_t *local) {
    size_t group = (size_t)faulty_setting("FAULTY_GROUP"), items = 1;
    size_t bytes = (size_t)faulty_setting("FAULTY_LOCAL");
    cl_ulong needed = 0;
    cl_device_id device;
    for (cl_uint i = 0; i < dimensions; i++) {
        items *= local ? local[i] : 1;
        if (is_narrow() && global[i] > most_address)
            return refuse(kernel, "a range", global[i], most_address, CL_INVALID_GLOBAL_WORK_SIZE);
    }
    if (group && items > group)
        return refuse(kernel, "a group", items, group, CL_INVALID_WORK_GROUP_SIZE);
    cl_int code =
        faulty_target->clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
    if (code == CL_SUCCESS && bytes)
        code = faulty_target->clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_LOCAL_MEM_SIZE,
                                                       sizeof needed, &needed, NULL);
    if (code == CL_SUCCESS && needed > bytes && bytes)
        return refuse(kernel, "local memory", needed, bytes, CL_OUT_OF_RESOURCES);
    return code;
}

void faulty_limits_join(cl_icd_dispatch *table) {
    table->clGetDeviceInfo = get_device_info;
    table->clGetKernelWorkGroupInfo = get_group_info;
    table->clCreateProgramWithSource = create_program;
    table->clCreateBuffer = create_buffer;
}
