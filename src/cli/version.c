/*
 * cli/version: what this binary is. With -v everything that a bug report needs: compiler, kind of build, and the
 * libraries as they are at run time.
 */
#include "cli.h"

#include "logdetect/compute.h"

#include <cblas.h>
#include <lzma.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <yaml.h>
#include <zlib.h>
#include <zstd.h>

static void put(lgd_buf *b, const char *name, const char *value) { lgd_buf_printf(b, "  %-11s %s\n", name, value); }

static void put_backends(lgd_buf *b) {
    lgd_buf_printf(b, "  %-11s", "backends");
    for (size_t i = 0; i < lgd_n_backends; i++) lgd_buf_printf(b, "%s %s", i ? "," : "", lgd_backends[i]->name);
    lgd_buf_printf(b, "\n");
}

/* The second word of its configuration, and for which processor it works. */
static void put_openblas(lgd_buf *b) {
    char version[32] = "unknown";
    (void)sscanf(openblas_get_config(), "%*s %31s", version);
    lgd_buf_printf(b, "  %-11s %s, %s\n", "OpenBLAS", version, openblas_get_corename());
}

void lgd_version_text(lgd_buf *b, bool verbose) {
    lgd_buf_printf(b, "logdetect %s\n", LGD_VERSION);
    if (!verbose) return;
    char pcre2[64] = "unknown";
    (void)pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
#if defined(__clang__)
    put(b, "compiler", "clang " __clang_version__);
#else
    put(b, "compiler", "gcc " __VERSION__);
#endif
    put(b, "build", LGD_BUILD_TYPE);
    put(b, "sanitizers", LGD_SANITIZERS[0] ? LGD_SANITIZERS : "none");
    put(b, "device", "cpu");
    put_backends(b);
    put(b, "PCRE2", pcre2);
    put(b, "libyaml", yaml_get_version_string());
    put(b, "zlib", zlibVersion());
    put(b, "zstd", ZSTD_versionString());
    put(b, "liblzma", lzma_version_string());
    put_openblas(b);
}
