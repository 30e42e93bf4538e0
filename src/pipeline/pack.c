/*
 * pack: YAML files that are part of the program -> C source of a byte array, at build time. A file that is wrong, or a
 * sample that its format does not cut as it says, stops the build.
 *
 *     lgd-pack formats|recipes NAME FILE.yaml... >NAME.c
 */
#include "logdetect/format.h"
#include "logdetect/recipe.h"

#include <stdio.h>

typedef lgd_status (*pack_files)(char **files, int n, lgd_buf *out, lgd_err *err);

static lgd_status pack_formats(char **files, int n, lgd_buf *out, lgd_err *err) {
    lgd_formats *formats = NULL;
    lgd_status status = lgd_formats_new((lgd_sv){"", 0}, &formats, err);
    for (int i = 0; i < n && status == LGD_OK; i++) status = lgd_formats_read(formats, files[i], err);
    if (status == LGD_OK) status = lgd_formats_pack(formats, out, err);
    lgd_formats_free(formats);
    return status;
}

static lgd_status read_file(const char *path, lgd_buf *ret, lgd_err *err) {
    FILE *f = fopen(path, "rb");
    if (!f) return lgd_fail(err, LGD_E_IO, "%s: could not be opened", path);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;) lgd_buf_add(ret, piece, n);
    bool ok = !ferror(f);
    fclose(f);
    return ok ? LGD_OK : lgd_fail(err, LGD_E_IO, "%s: could not be read", path);
}

/* A recipe is called by its file's name; its text is kept, so that it is read as a user's is. */
static lgd_status pack_recipe(const char *path, lgd_buf *out, lgd_err *err) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    lgd_buf text = {0};
    lgd_arena arena = {0};
    lgd_recipe recipe;
    lgd_status status = read_file(path, &text, err);
    if (status == LGD_OK) status = lgd_recipe_parse(path, lgd_buf_sv(&text), &arena, &recipe, err);
    if (status == LGD_OK) {
        lgd_put_sv(out, (lgd_sv){name, strcspn(name, ".")});
        lgd_put_sv(out, lgd_buf_sv(&text));
    }
    lgd_arena_release(&arena);
    lgd_buf_release(&text);
    return status;
}

static lgd_status pack_recipes(char **files, int n, lgd_buf *out, lgd_err *err) {
    for (int i = 0; i < n; i++) LGD_TRY(pack_recipe(files[i], out, err));
    return LGD_OK;
}

static void print_bytes(const char *name, lgd_sv bytes) {
    printf("#include \"logdetect/pipeline.h\"\n\nstatic const unsigned char bytes[] = {");
    for (size_t i = 0; i < bytes.n; i++) printf("%s%d,", i % 24 ? "" : "\n    ", (unsigned char)bytes.p[i]);
    printf("\n};\n\nlgd_sv %s(void) { return (lgd_sv){(const char *)bytes, sizeof bytes}; }\n", name);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        pack_files pack;
    } kinds[] = {{"formats", pack_formats}, {"recipes", pack_recipes}};
    pack_files pack = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && argc > 3; i++)
        if (strcmp(argv[1], kinds[i].name) == 0) pack = kinds[i].pack;
    if (!pack) {
        fprintf(stderr, "usage: lgd-pack formats|recipes NAME FILE.yaml...\n");
        return 2;
    }
    lgd_buf packed = {0};
    lgd_err err = {0};
    lgd_status status = pack(argv + 3, argc - 3, &packed, &err);
    if (status == LGD_OK)
        print_bytes(argv[2], lgd_buf_sv(&packed));
    else
        fprintf(stderr, "%s\n", err.text);
    lgd_buf_release(&packed);
    return status == LGD_OK ? 0 : 1;
}
