/* Private to template: character classes. Bytes from 0x80 on are letters, control bytes are white space. */
#ifndef LGD_TEMPLATE_CHARS_H
#define LGD_TEMPLATE_CHARS_H

#include "logdetect/base.h"

enum { CH_SPACE = 1, CH_DIGIT = 2, CH_ALPHA = 4, CH_HEX = 8, CH_DELIM = 16, CH_UNDERSCORE = 32, CH_PATH = 64 };

extern const unsigned char char_class[256];

static inline unsigned class_of(char c) { return char_class[(unsigned char)c]; }
static inline bool is_space(char c) { return class_of(c) & CH_SPACE; }
static inline bool is_digit(char c) { return class_of(c) & CH_DIGIT; }
static inline bool is_alpha(char c) { return class_of(c) & CH_ALPHA; }
static inline bool is_hex(char c) { return class_of(c) & CH_HEX; }
static inline bool is_delim(char c) { return class_of(c) & CH_DELIM; }
static inline bool is_word(char c) { return class_of(c) & (CH_ALPHA | CH_DIGIT | CH_UNDERSCORE); }
static inline bool is_path(char c) { return class_of(c) & (CH_ALPHA | CH_DIGIT | CH_UNDERSCORE | CH_PATH); }

#endif
