/*
 * base/status: how a failure travels. A status goes up the stack, its text stands in one lgd_err; the first message
 * wins, because it is the one nearest to the cause.
 */
#include "logdetect/base.h"

#include <stdio.h>

lgd_status lgd_fail(lgd_err *err, lgd_status status, const char *format, ...) {
    if (err && err->status == LGD_OK) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        err->status = status;
    }
    return status;
}

lgd_status lgd_fail_memory(lgd_err *err, size_t n_bytes) {
    return lgd_fail(err, LGD_E_MEMORY, "out of memory: %zu more bytes were needed; nothing was written", n_bytes);
}
