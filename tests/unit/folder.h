/* A folder for each test, made by a checked fixture and gone after it. */
#ifndef LGD_TEST_FOLDER_H
#define LGD_TEST_FOLDER_H

extern char folder[64];

void folder_make(void);
void folder_remove(void);
/* The path of a file in it; the last eight stay valid. */
const char *in_folder(const char *name);

#endif
