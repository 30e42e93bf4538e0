/*
 * cli/one_thread: keeps OpenBLAS from starting a thread for every core before main, where it would spin while it waits for
 * work that never comes: our workers each multiply in their own thread. It reads a variable in its constructor, so this has
 * to be an earlier one. That holds where OpenBLAS is linked from its archive, as it is where there is one
 * (dependencies.cmake); a shared library's constructors come before the program's.
 */
#include <stdlib.h>

enum { BEFORE_LIBRARIES = 101 };

__attribute__((constructor(BEFORE_LIBRARIES))) static void one_thread(void) {
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 1);
}
