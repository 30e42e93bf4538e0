/*
 * Arbitrary bytes as an option file, for each command, and as a recipe: it is taken or refused with a reason, and numbers
 * that are taken lie in the range of their row.
 */
#include "fuzz.h"

#include "logdetect/config.h"
#include "logdetect/recipe.h"

static void check_number(const lgd_config *c, const lgd_option *row) {
    double x = 0;
    if (row->type == LGD_OPTION_U64) {
        uint64_t number;
        memcpy(&number, (const char *)c + row->offset, sizeof number);
        x = (double)number;
    } else if (row->type == LGD_OPTION_F64) {
        memcpy(&x, (const char *)c + row->offset, sizeof x);
    } else {
        return;
    }
    if (!row->default_text && x == 0) return; /* not given */
    MUST(x >= row->min && x <= row->max);
}

static void try_recipe(lgd_sv yaml) {
    lgd_arena arena = {0};
    lgd_recipe r;
    lgd_err err = {0};
    lgd_status status = lgd_recipe_parse("x.yaml", yaml, &arena, &r, &err);
    MUST(status == LGD_OK ? !err.text[0] : status == LGD_E_USAGE && strncmp(err.text, "x.yaml:", 7) == 0);
    if (status == LGD_OK) {
        MUST(r.n_members <= LGD_RECIPE_MEMBERS && r.lstm.n_layers > 0 && r.lstm.n_layers <= LGD_RECIPE_LAYERS);
        MUST(r.lstm.steps > 1 && r.lstm.embedding > 0 && r.lstm.epochs > 0 && r.lstm.windows > 0);
        MUST(r.lstm.dropout >= 0 && r.lstm.dropout < 1);
    }
    lgd_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32];
    try_recipe((lgd_sv){(const char *)bytes, n});
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
