/*
 * folder: a folder in, the paths of the regular files below it out.
 *
 * Breadth first with a work list instead of recursion, so depth costs no stack. Links to files count as files; links to
 * folders are not followed, so there is no cycle. Hidden names are left out. The order of the result is the caller's to
 * make: byte order of whole paths is not the order of a walk ("a.log" < "a/b").
 */
#include "source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_PATHS ((size_t)1 << 24)

lgd_status lgd_paths_add(lgd_paths *paths, const char *folder, const char *name, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&paths->p, &paths->capacity, paths->n + 1, sizeof *paths->p, MAX_PATHS, err));
    size_t folder_n = strlen(folder), name_n = strlen(name);
    bool slash = name_n > 0 && folder_n > 0 && folder[folder_n - 1] != '/';
    char *path = lgd_alloc(folder_n + slash + name_n + 1);
    if (path == NULL) return lgd_fail_memory(err, folder_n + name_n + 2);
    memcpy(path, folder, folder_n);
    if (slash) path[folder_n] = '/';
    memcpy(path + folder_n + slash, name, name_n + 1);
    paths->p[paths->n++] = path;
    return LGD_OK;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

void lgd_paths_sort(lgd_paths *paths) {
    if (paths->n > 1) qsort(paths->p, paths->n, sizeof *paths->p, by_bytes);
}

void lgd_paths_release(lgd_paths *paths) {
    for (size_t i = 0; i < paths->n; i++) lgd_free(paths->p[i]);
    lgd_free(paths->p);
    *paths = (lgd_paths){0};
}

static lgd_status visit(DIR *dir, const char *folder, const char *name, lgd_paths *folders, lgd_paths *files,
                        lgd_err *err) {
    struct stat st;
    if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0) return LGD_OK; /* gone since it was listed */
    if (S_ISDIR(st.st_mode)) return lgd_paths_add(folders, folder, name, err);
    if (S_ISLNK(st.st_mode) && fstatat(dirfd(dir), name, &st, 0) != 0) return LGD_OK; /* points nowhere */
    return S_ISREG(st.st_mode) ? lgd_paths_add(files, folder, name, err) : LGD_OK;
}

static lgd_status list_folder(DIR *dir, const char *folder, lgd_paths *folders, lgd_paths *files, lgd_err *err) {
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        LGD_TRY(visit(dir, folder, entry->d_name, folders, files, err));
    }
    return LGD_OK;
}

lgd_status lgd_folder_walk(const char *folder, lgd_paths *files, lgd_folder_trouble trouble, void *ctx, lgd_err *err) {
    lgd_paths folders = {0};
    lgd_status status = lgd_paths_add(&folders, folder, "", err);
    for (size_t i = 0; status == LGD_OK && i < folders.n; i++) {
        DIR *dir = opendir(folders.p[i]);
        if (dir == NULL) {
            status = trouble(ctx, folders.p[i], errno, err);
            continue;
        }
        status = list_folder(dir, folders.p[i], &folders, files, err);
        closedir(dir);
    }
    lgd_paths_release(&folders);
    return status;
}
