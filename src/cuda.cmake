# The backend for NVIDIA GPUs: LGD_CUDA is on where nvcc works and the toolkit's headers are there. That they do is
# remembered, that they do not is not: configuring again tries again. Nothing of CUDA is linked; the driver and cuBLAS are
# opened at run time. What is built: LGD_CUDA_ARCHITECTURES, and PTX of the last one for GPUs that come later.

set(LGD_CUDA_ARCHITECTURES 75 80 90 CACHE STRING "Compute capabilities to make machine code for, in ascending order")

find_program(LGD_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda /opt/cuda PATH_SUFFIXES bin)
if(LGD_NVCC)
  file(REAL_PATH "${LGD_NVCC}" nvcc)
  cmake_path(GET nvcc PARENT_PATH folder)
  cmake_path(GET folder PARENT_PATH folder)
  find_path(LGD_CUDA_INCLUDE cuda.h HINTS "${folder}/include" "${folder}/targets/${CMAKE_SYSTEM_PROCESSOR}-linux/include")
  find_path(LGD_CUBLAS_INCLUDE cublas_v2.h HINTS "${LGD_CUDA_INCLUDE}")
endif()

# Like ref, kernels do not fuse products and sums.
set(LGD_NVCC_FLAGS -x cu -fatbin -std=c++17 --fmad=false -Xfatbin -compress-all)
foreach(architecture IN LISTS LGD_CUDA_ARCHITECTURES)
  list(APPEND LGD_NVCC_FLAGS -gencode arch=compute_${architecture},code=sm_${architecture})
endforeach()
list(GET LGD_CUDA_ARCHITECTURES -1 newest)
list(APPEND LGD_NVCC_FLAGS -gencode arch=compute_${newest},code=compute_${newest})

# nvcc needs a C++ compiler of a version that it knows: only trying tells.
set(why "")
if(NOT DEFINED LGD_CUDA OR LGD_CUDA)
  if(NOT LGD_NVCC OR NOT LGD_CUDA_INCLUDE OR NOT LGD_CUBLAS_INCLUDE)
    set(why "nvcc, cuda.h or cublas_v2.h is missing")
  elseif(NOT LGD_NVCC_WORKS)
    set(try "${PROJECT_BINARY_DIR}/CMakeFiles/nvcc")
    file(WRITE "${try}.cu" "extern \"C\" __global__ void k(float *x) { *x = tanhf(*x); }\n")
    execute_process(COMMAND "${LGD_NVCC}" ${LGD_NVCC_FLAGS} "${try}.cu" -o "${try}.fatbin"
      RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(failed)
      set(why "nvcc does not work (${failed}): ${said}")
    else()
      set(LGD_NVCC_WORKS ON CACHE INTERNAL "nvcc has compiled a kernel")
    endif()
  endif()
  if(NOT why)
    option(LGD_CUDA "The backend for NVIDIA GPUs (needs nvcc)" ON)
  elseif(LGD_CUDA)
    message(FATAL_ERROR "LGD_CUDA is on, but ${why}")
  else()
    message(STATUS "No backend for NVIDIA GPUs: ${why}")
  endif()
endif()

add_library(lgd_cuda_headers INTERFACE)
if(LGD_CUDA)
  target_include_directories(lgd_cuda_headers SYSTEM INTERFACE "${LGD_CUDA_INCLUDE}" "${LGD_CUBLAS_INCLUDE}")
endif()

# lgd_cuda_kernels(IMAGE_C KERNELS_C): compiles the kernels to the file that IMAGE_C embeds.
function(lgd_cuda_kernels image kernels)
  set(fatbin "${CMAKE_CURRENT_BINARY_DIR}/kernels.fatbin")
  set(include "${PROJECT_SOURCE_DIR}/include")
  cmake_path(REPLACE_EXTENSION kernels h OUTPUT_VARIABLE header)
  add_custom_command(OUTPUT "${fatbin}" VERBATIM
    COMMAND "${LGD_NVCC}" ${LGD_NVCC_FLAGS} -I "${include}" "${kernels}" -o "${fatbin}"
    DEPENDS "${kernels}" "${header}" "${include}/logdetect/compute.h" "${include}/logdetect/base.h"
    COMMENT "Compiling kernels for the GPU")
  set_source_files_properties("${image}" PROPERTIES
    COMPILE_DEFINITIONS "LGD_CUDA_IMAGE=\"${fatbin}\"" OBJECT_DEPENDS "${fatbin}")
endfunction()
