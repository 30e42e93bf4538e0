/*
 * Arbitrary bytes as an option file, for each command: it is taken or refused with a reason, and numbers that are taken
 * lie in the range of their row.
 */
#include "fuzz.h"

#include "logdetect/config.h"

static void check_number(const lgd_config *c, const lgd_option *row) {
    double x = 0;
    if (row->type == LGD_OPTION_U64) {
        uint64_t number;
        memcpy(&number, (const char *)c + row->offset, sizeof number);
        x = (double)number;
    } else if (row->type == LGD_OPTION_F64) {
        memcpy(&x, (const char *)c + row->offset, sizeof x);
        if (!row->default_text && x == 0) return;
    } else {
        return;
    }
    MUST(x >= row->min && x <= row->max);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32];
    for (unsigned command = LGD_CMD_TRAIN; command < LGD_CMD_ALL; command <<= 1) {
        int fd = fuzz_file((lgd_sv){(const char *)bytes, n}, path);
        lgd_config c;
        lgd_err err = {0};
        lgd_config_init(&c, command);
        lgd_status status = lgd_config_read_yaml(&c, path, command, &err);
        MUST(status == LGD_OK ? !err.text[0] : status == LGD_E_USAGE && strncmp(err.text, path, strlen(path)) == 0);
        for (size_t i = 0; i < lgd_n_options; i++)
            if (lgd_options[i].commands & command) check_number(&c, &lgd_options[i]);
        lgd_config_release(&c);
        (void)close(fd);
    }
    return 0;
}
