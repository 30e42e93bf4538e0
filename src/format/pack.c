/*
 * pack: YAML files of formats -> C source of a byte array, at build time. A file that is wrong, or a sample that its
 * format does not cut as it says, stops the build.
 *
 *     lgd-pack-formats NAME FILE.yaml... >NAME.c
 */
#include "logdetect/format.h"

#include <stdio.h>

static lgd_status read_files(lgd_formats *f, char **files, int n, lgd_err *err) {
    for (int i = 0; i < n; i++) LGD_TRY(lgd_formats_read(f, files[i], err));
    return LGD_OK;
}

static void print_bytes(const char *name, lgd_sv bytes) {
    printf("#include \"logdetect/pipeline.h\"\n\nstatic const unsigned char bytes[] = {");
    for (size_t i = 0; i < bytes.n; i++) printf("%s%d,", i % 24 ? "" : "\n    ", (unsigned char)bytes.p[i]);
    printf("\n};\n\nlgd_sv %s(void) { return (lgd_sv){(const char *)bytes, sizeof bytes}; }\n", name);
}

int main(int argc, char **argv) {
    lgd_formats *formats = NULL;
    lgd_buf packed = {0};
    lgd_err err = {0};
    if (argc < 3) {
        fprintf(stderr, "usage: lgd-pack-formats NAME FILE.yaml...\n");
        return 2;
    }
    lgd_status status = lgd_formats_new((lgd_sv){"", 0}, &formats, &err);
    if (status == LGD_OK) status = read_files(formats, argv + 2, argc - 2, &err);
    if (status == LGD_OK) status = lgd_formats_pack(formats, &packed, &err);
    if (status == LGD_OK)
        print_bytes(argv[1], lgd_buf_sv(&packed));
    else
        fprintf(stderr, "%s\n", err.text);
    lgd_buf_release(&packed);
    lgd_formats_free(formats);
    return status == LGD_OK ? 0 : 1;
}
