/*
 * compute/cuda/driver: finds the functions of the driver and of cuBLAS by their names, and puts their errors into words.
 * Libraries are opened by soname, the way the linker of the system looks for them; what was not there is said in its own
 * words.
 */
#include "driver.h"

#include <dlfcn.h>

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x) /* of what the header makes of x */

/* A function by name, written where its pointer belongs: C knows no cast from what dlsym gives. */
static lgd_status find(void *library, const char *soname, const char *name, void *ret_function, lgd_err *err) {
    void *found = dlsym(library, name);
    if (!found) return lgd_fail(err, LGD_E_DEVICE, "%s: it has no %s: a newer NVIDIA driver is needed", soname, name);
    memcpy(ret_function, &found, sizeof found);
    return LGD_OK;
}

lgd_status gpu_driver_open(gpu_driver *d, lgd_err *err) {
    static const char soname[] = "libcuda.so.1";
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library) return lgd_fail(err, LGD_E_IO, "no NVIDIA driver: %s", dlerror());
#define CALL(name) LGD_TRY(find(library, soname, NAME_OF(name), &d->name, err));
    GPU_DRIVER_CALLS(CALL)
#undef CALL
    return LGD_OK;
}

lgd_status gpu_cublas_open(gpu_driver *d, lgd_err *err) {
    static const char *const sonames[] = {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11"};
    const char *soname = NULL;
    void *library = NULL;
    for (size_t i = 0; i < sizeof sonames / sizeof *sonames && !library; i++)
        library = dlopen(soname = sonames[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) return lgd_fail(err, LGD_E_DEVICE, "no cuBLAS: %s", dlerror());
#define CALL(name) LGD_TRY(find(library, soname, NAME_OF(name), &d->name, err));
    GPU_CUBLAS_CALLS(CALL)
#undef CALL
    return LGD_OK;
}

lgd_status gpu_check(const gpu_driver *d, CUresult result, const char *call, lgd_err *err) {
    const char *name = NULL, *words = NULL;
    if (result == CUDA_SUCCESS) return LGD_OK;
    (void)d->cuGetErrorName(result, &name);
    (void)d->cuGetErrorString(result, &words);
    return lgd_fail(err, LGD_E_DEVICE, "GPU: %s: %s (%d): %s", call, name ? name : "unknown error", (int)result,
                    words ? words : "no words for it");
}

lgd_status gpu_check_cublas(const gpu_driver *d, cublasStatus_t status, const char *call, lgd_err *err) {
    if (status == CUBLAS_STATUS_SUCCESS) return LGD_OK;
    return lgd_fail(err, LGD_E_DEVICE, "GPU: %s: %s (%d)", call, d->cublasGetStatusName(status), (int)status);
}
