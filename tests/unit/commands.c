#include "commands.h"

#include <check.h>

int n_warnings;

lgd_status append(void *buf, lgd_sv bytes, lgd_err *err) {
    lgd_buf *to = buf;
    lgd_buf_add_sv(to, bytes);
    return to->failed ? lgd_fail_memory(err, bytes.n) : LGD_OK;
}

void warn(void *ctx, const char *text) {
    (void)ctx;
    ck_assert_ptr_nonnull(strstr(text, "; "));
    n_warnings++;
}

void set_option(lgd_config *c, unsigned command, const char *name, const char *value) {
    lgd_err err = {0};
    const lgd_option *row = lgd_option_find(lgd_sv_of(name), command);
    ck_assert_msg(row && lgd_option_set(c, row, lgd_sv_of(value), command, &err) == LGD_OK, "--%s %s: %s", name, value,
                  err.text);
}

void set_quick(lgd_config *c, unsigned command) {
    if (lgd_option_find(LGD_SV("recipe"), command)) set_option(c, command, "recipe", LGD_TEST_DIR "/quick.yaml");
}
