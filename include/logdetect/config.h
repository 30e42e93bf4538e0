/*
 * config: everything a user can set, as one struct and one table of rows. Command-line parsing, YAML files, help text
 * and the tables of docs/CLI.md all come from the rows: a new option is a new field and a new row.
 */
#ifndef LOGDETECT_CONFIG_H
#define LOGDETECT_CONFIG_H

#include "logdetect/base.h"

typedef enum lgd_output_format { LGD_FORMAT_TEXT, LGD_FORMAT_JSON, LGD_FORMAT_JSONL, LGD_FORMAT_CSV } lgd_output_format;

typedef enum lgd_sensitivity { LGD_SENSITIVITY_LOW, LGD_SENSITIVITY_MEDIUM, LGD_SENSITIVITY_HIGH } lgd_sensitivity;
typedef enum lgd_color { LGD_COLOR_AUTO, LGD_COLOR_ALWAYS, LGD_COLOR_NEVER } lgd_color;
typedef enum lgd_emit { LGD_EMIT_ANOMALIES, LGD_EMIT_ALL } lgd_emit;
typedef enum lgd_by { LGD_BY_LABELS, LGD_BY_LINE, LGD_BY_SESSION } lgd_by; /* what is evaluated; of what labels are */
typedef enum lgd_device { LGD_DEVICE_AUTO, LGD_DEVICE_CPU, LGD_DEVICE_CUDA } lgd_device;

/* A list of strings, owned. */
typedef struct lgd_strings {
    char **items;
    size_t n;
    size_t capacity;
} lgd_strings;

typedef struct lgd_config {
    /* every command */
    bool help, version, quiet;
    uint32_t verbose;
    lgd_color color;
    uint64_t threads; /* 0 = as many as there are cores */
    uint64_t seed;    /* 42 */
    lgd_device device;
    char *tz; /* NULL = the system's zone */
    char *config_path;
    /* input */
    lgd_strings inputs;
    bool recursive; /* -r */
    bool multiline; /* on */
    bool no_header;
    lgd_strings format_files;
    char *line_format; /* a name, or a pattern with named groups; NULL = found for each input */
    bool text;         /* read files that look binary */
    /* output */
    char *output; /* NULL = standard output */
    char *model;
    lgd_output_format format; /* rows restrict which a command takes */
    bool format_given;
    lgd_emit emit;
    bool explain; /* text: explain every incident, not only the top ones */
    bool exit_code;
    /* learning */
    double contamination;             /* 0.01 */
    double target_fpr;                /* 0.01 */
    uint64_t days;                    /* 0 = all */
    char *since, *until;              /* RFC 3339 or a date; NULL = open */
    char *session;                    /* REGEX (PCRE2), "none"; NULL = none */
    char *recipe;                     /* a name or FILE.yaml; NULL = the default one */
    char *ensemble;                   /* "name=weight,..."; NULL = the recipe's */
    uint64_t epochs, sequence_length; /* 0 = the recipe's */
    char *checkpoint;                 /* FILE; NULL = none */
    bool update;                      /* go on from an older model */
    double half_life;                 /* 30: days after which what is older weighs half */
    /* scanning */
    double fpr; /* 0 = what the model was trained for */
    bool adapt; /* sessions' statistics follow the log */
    bool sensitivity_given;
    lgd_sensitivity sensitivity;
    /* evaluating */
    char *labels;        /* FILE; NULL = none */
    bool labels_in_line; /* the first word of each line */
    lgd_by by;
    double split; /* share that trains; 0 = the default one */
    bool train_normal;
    uint64_t window; /* lines; 0 = none */
    char *budget;    /* "5/day"; NULL = the rate decides */
    char *hours;     /* "22-6=0.1,..."; NULL = all alike */
} lgd_config;

void lgd_config_init(lgd_config *c, unsigned command); /* the defaults of a command, from the rows */
void lgd_config_release(lgd_config *c);
void lgd_strings_release(lgd_strings *s); /* back to {0} */

typedef enum lgd_option_type {
    LGD_OPTION_FLAG,   /* bool */
    LGD_OPTION_ON_OFF, /* bool, written on|off */
    LGD_OPTION_COUNT,  /* uint32_t, each use adds one */
    LGD_OPTION_U64,
    LGD_OPTION_F64,
    LGD_OPTION_STRING,
    LGD_OPTION_STRINGS, /* may be given many times */
    LGD_OPTION_CHOICE   /* an enum, by its place in `choices` */
} lgd_option_type;

/* Which commands take an option: bits. */
enum {
    LGD_CMD_TRAIN = 1,
    LGD_CMD_SCAN = 2,
    LGD_CMD_PARSE = 4,
    LGD_CMD_MODEL = 8,
    LGD_CMD_DIFF = 16,
    LGD_CMD_EVAL = 32,
    LGD_CMD_ALL = 63
};

typedef struct lgd_option {
    const char *name; /* "target-fpr": --target-fpr and the YAML key target-fpr */
    char letter;      /* 'q' or 0 */
    lgd_option_type type;
    size_t offset;            /* of the field in lgd_config */
    unsigned commands;        /* LGD_CMD_* */
    const char *argument;     /* "RATE", "FILE"; NULL for flags */
    const char *choices;      /* "text|json|jsonl", in the order of the enum */
    double min, max;          /* for numbers, inclusive */
    const char *default_text; /* as shown in the help and parsed into the field by lgd_config_init; NULL = none */
    const char *help;         /* one sentence */
    bool cli_only;            /* no YAML key (help, version, config, ...) */
} lgd_option;

extern const lgd_option lgd_options[];
extern const size_t lgd_n_options;

/* The row called `name` that one of the commands takes; NULL if there is none. */
const lgd_option *lgd_option_find(lgd_sv name, unsigned command);
/* The nearest name that the commands take, at most two typing errors away; NULL if there is none. */
const lgd_option *lgd_option_nearest(lgd_sv name, unsigned command);
/* What `command` may choose, as "text|json", and what it gets unasked: as the row says, but for --format, whose choices
 * and default are the command's. NULL where the row has none. */
const char *lgd_option_choices(const lgd_option *row, unsigned command);
const char *lgd_option_default(const lgd_option *row, unsigned command);
/* Parses value into the row's field. Errors: usage, naming the option, the value and what is allowed. */
LGD_MUST_CHECK lgd_status lgd_option_set(lgd_config *c, const lgd_option *row, lgd_sv value, unsigned command,
                                         lgd_err *err);
/* Reads a YAML mapping of option names to values (lists for STRINGS; on/off and true/false for booleans). Options that the command
 * does not take are checked and left alone, so that one file serves all commands. Errors name file, line and key: unknown, twice, wrong type,
 * out of range, anchors and aliases (not allowed), deeper than 8 levels, more than 1 MiB or 10,000 nodes. */
LGD_MUST_CHECK lgd_status lgd_config_read_yaml(lgd_config *c, const char *path, unsigned command, lgd_err *err);

#endif
