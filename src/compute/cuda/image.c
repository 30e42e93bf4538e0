/*
 * compute/cuda/image: the kernels as nvcc made them, a fat binary with machine code for several generations of GPUs and
 * PTX for those to come. The assembler takes the file in as it is. LGD_CUDA_IMAGE: its name, from the build.
 */
#include "device.h"

__asm__(".pushsection .rodata\n"
        ".balign 64\n"
        ".globl gpu_image\n"
        ".hidden gpu_image\n"
        "gpu_image:\n"
        ".incbin \"" LGD_CUDA_IMAGE "\"\n"
        ".byte 0\n"
        ".popsection\n");
