/*
 * Private to compute/cuda: NVIDIA's driver and cuBLAS, opened at run time. The toolkit's headers say what the functions
 * look like; nothing of it is linked, so that one program runs with and without a GPU.
 */
#ifndef LGD_COMPUTE_CUDA_DRIVER_H
#define LGD_COMPUTE_CUDA_DRIVER_H

#include "logdetect/base.h"

#include <cublas_v2.h>
#include <cuda.h>

/* What is used of the driver. Names that the headers map to a later version of a function (cuMemAlloc: cuMemAlloc_v2) are
 * looked up under that name, so that symbol and declaration belong together. All are in CUDA 11.4 and later. */
#define GPU_DRIVER_CALLS(CALL)                                                                                         \
    CALL(cuInit)                                                                                                       \
    CALL(cuGetErrorName)                                                                                               \
    CALL(cuGetErrorString)                                                                                             \
    CALL(cuDeviceGetCount)                                                                                             \
    CALL(cuDeviceGet)                                                                                                  \
    CALL(cuDeviceGetName)                                                                                              \
    CALL(cuDeviceGetAttribute)                                                                                         \
    CALL(cuDevicePrimaryCtxRetain)                                                                                     \
    CALL(cuDevicePrimaryCtxRelease)                                                                                    \
    CALL(cuCtxSetCurrent)                                                                                              \
    CALL(cuModuleLoadData)                                                                                             \
    CALL(cuModuleGetFunction)                                                                                          \
    CALL(cuModuleUnload)                                                                                               \
    CALL(cuStreamCreate)                                                                                               \
    CALL(cuStreamDestroy)                                                                                              \
    CALL(cuStreamBeginCapture)                                                                                         \
    CALL(cuStreamEndCapture)                                                                                           \
    CALL(cuEventCreate)                                                                                                \
    CALL(cuEventDestroy)                                                                                               \
    CALL(cuEventRecord)                                                                                                \
    CALL(cuEventQuery)                                                                                                 \
    CALL(cuMemAlloc)                                                                                                   \
    CALL(cuMemFree)                                                                                                    \
    CALL(cuMemHostAlloc)                                                                                               \
    CALL(cuMemFreeHost)                                                                                                \
    CALL(cuMemcpyHtoDAsync)                                                                                            \
    CALL(cuMemcpyDtoHAsync)                                                                                            \
    CALL(cuMemsetD8Async)                                                                                              \
    CALL(cuLaunchKernel)                                                                                               \
    CALL(cuGraphInstantiateWithFlags)                                                                                  \
    CALL(cuGraphLaunch)                                                                                                \
    CALL(cuGraphDestroy)                                                                                               \
    CALL(cuGraphExecDestroy)

#define GPU_CUBLAS_CALLS(CALL)                                                                                         \
    CALL(cublasCreate)                                                                                                 \
    CALL(cublasDestroy)                                                                                                \
    CALL(cublasSetStream)                                                                                              \
    CALL(cublasSetWorkspace)                                                                                           \
    CALL(cublasSetMathMode)                                                                                            \
    CALL(cublasSgemm)                                                                                                  \
    CALL(cublasGetStatusName)

typedef struct gpu_driver {
#define CALL(name) __typeof__(name) *name;
    GPU_DRIVER_CALLS(CALL)
    GPU_CUBLAS_CALLS(CALL)
#undef CALL
} gpu_driver;

/* Opens libcuda.so.1 / the newest libcublas.so that is there, and finds the functions. Errors: device, where the library
 * or a function is missing. The libraries stay loaded: they keep threads and state that do not survive being unloaded. */
LGD_MUST_CHECK lgd_status gpu_driver_open(gpu_driver *d, lgd_err *err);
LGD_MUST_CHECK lgd_status gpu_cublas_open(gpu_driver *d, lgd_err *err);

/* LGD_OK, or device with a text that names the call, the code and the driver's own words. */
lgd_status gpu_check(const gpu_driver *d, CUresult result, const char *call, lgd_err *err);
lgd_status gpu_check_cublas(const gpu_driver *d, cublasStatus_t status, const char *call, lgd_err *err);

#endif
