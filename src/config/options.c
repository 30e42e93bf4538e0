/*
 * config/options: the table of everything a user can set. Names, ranges, defaults and help texts stand here and nowhere
 * else: the command line, YAML files and the help are made from these rows, and a test holds docs/CLI.md against them.
 *
 * The rows are in the order in which the help shows them. Looking one up is a walk over some thirty rows, which happens
 * a few times in a run.
 */
#include "logdetect/config.h"

#define FIELD(name) offsetof(lgd_config, name)
enum {
    EVAL = LGD_CMD_EVAL,
    LEARN = LGD_CMD_TRAIN,
    SCAN = LGD_CMD_SCAN,
    CHECK = LGD_CMD_MODEL, /* model check, which scans */
    READ = LGD_CMD_TRAIN | LGD_CMD_SCAN | LGD_CMD_PARSE | LGD_CMD_DIFF | LGD_CMD_EVAL
};

/* Below one in a million a rate cannot be estimated from any training log; above one half it is no rarity. */
#define RATE_MIN 1e-6
#define RATE_MAX 0.5

const lgd_option lgd_options[] = {
    /* not of diff, whose arguments have an order */
    {"input", 'i', LGD_OPTION_STRINGS, FIELD(inputs), READ & ~LGD_CMD_DIFF, "FILE", NULL, 0, 0, NULL,
     "Read FILE: a path, a glob in quotes, or - for standard input; may be given many times.", false},
    {"recursive", 'r', LGD_OPTION_FLAG, FIELD(recursive), READ | CHECK, NULL, NULL, 0, 0, NULL,
     "Read all files below a folder that is named as input.", false},
    {"multiline", 0, LGD_OPTION_ON_OFF, FIELD(multiline), READ | CHECK, "on|off", NULL, 0, 0, "on",
     "Take stack traces and indented lines as part of the line before them.", false},
    {"line-format", 0, LGD_OPTION_STRING, FIELD(line_format), READ | CHECK, "NAME|REGEX", NULL, 0, 0, NULL,
     "Take all lines as of this format, or cut them by a regular expression with named groups (default: found for "
     "each file).",
     false},
    {"format-file", 0, LGD_OPTION_STRINGS, FIELD(format_files), READ | CHECK, "FILE.yaml", NULL, 0, 0, NULL,
     "Add a line format of your own, preferred to the built-in ones; may be given many times.", false},
    {"no-header", 0, LGD_OPTION_FLAG, FIELD(no_header), READ | CHECK, NULL, NULL, 0, 0, NULL,
     "Take each line as message, without looking for timestamp, level and component.", false},
    {"text", 0, LGD_OPTION_FLAG, FIELD(text), READ | CHECK, NULL, NULL, 0, 0, NULL,
     "Read files that look binary as well.", false},
    {"tz", 0, LGD_OPTION_STRING, FIELD(tz), LGD_CMD_ALL, "ZONE", NULL, 0, 0, NULL,
     "Zone of timestamps that name none, such as UTC, +02:00 or Europe/Berlin (default: the system's).", false},

    {"days", 0, LGD_OPTION_U64, FIELD(days), LEARN, "N", NULL, 0, 36500, "0",
     "Learn from the last N days of the log alone; 0 takes all.", false},
    {"since", 0, LGD_OPTION_STRING, FIELD(since), LEARN, "TIME", NULL, 0, 0, NULL,
     "Leave out lines older than TIME, a date or an RFC 3339 timestamp.", false},
    {"until", 0, LGD_OPTION_STRING, FIELD(until), LEARN, "TIME", NULL, 0, 0, NULL, "Leave out lines younger than TIME.",
     false},
    {"contamination", 0, LGD_OPTION_F64, FIELD(contamination), LEARN | EVAL, "SHARE", NULL, 0, RATE_MAX, "0.01",
     "Share of the training lines that may be anomalies themselves.", false},
    {"target-fpr", 0, LGD_OPTION_F64, FIELD(target_fpr), LEARN | EVAL, "RATE", NULL, RATE_MIN, RATE_MAX, "0.01",
     "Share of normal lines that may be called anomalous.", false},
    {"recipe", 0, LGD_OPTION_STRING, FIELD(recipe), LEARN | SCAN | EVAL, "NAME|FILE.yaml", NULL, 0, 0, NULL,
     "Learn what the recipe says, a built-in one (default, brief, fast) or a file; a scan with a model does not learn.",
     false},
    {"ensemble", 0, LGD_OPTION_STRING, FIELD(ensemble), LEARN | EVAL, "NAME=WEIGHT,...", NULL, 0, 0, NULL,
     "Detectors and their weights, for lines and sessions (default: the recipe's; without one all, unweighted).",
     false},
    {"sequence-length", 0, LGD_OPTION_U64, FIELD(sequence_length), LEARN | SCAN | EVAL, "N", NULL, 2, 1000, NULL,
     "Events in a window that the lstm learns (default: the recipe's, 20).", false},
    {"epochs", 0, LGD_OPTION_U64, FIELD(epochs), LEARN | SCAN | EVAL, "N", NULL, 1, 10000, NULL,
     "Learn the lstm for at most N epochs (default: the recipe's, 50; fewer of many windows).", false},
    {"checkpoint", 0, LGD_OPTION_STRING, FIELD(checkpoint), LEARN, "FILE", NULL, 0, 0, NULL,
     "Keep the lstm's training in FILE after each epoch, and go on from there where FILE has one.", false},

    {"update", 0, LGD_OPTION_FLAG, FIELD(update), LEARN, NULL, NULL, 0, 0, NULL,
     "Learn the input on top of the model in --output, or in --model, while what that has learned fades.", false},
    {"half-life", 0, LGD_OPTION_F64, FIELD(half_life), LEARN, "DAYS", NULL, 0.01, 36500, "30",
     "With --update, days after which what was learned before weighs half.", false},

    {"model", 'm', LGD_OPTION_STRING, FIELD(model), LEARN | LGD_CMD_SCAN | LGD_CMD_PARSE | EVAL, "PATH", NULL, 0, 0,
     NULL,
     "Use the model that train made, a folder or a .lgd file (default: learn from the input itself; an update goes on "
     "from --output).",
     false},
    {"session", 0, LGD_OPTION_STRING, FIELD(session), LEARN | SCAN | CHECK | EVAL, "REGEX|auto|none", NULL, 0, 0,
     "auto", "Group lines by what REGEX matches (its first group, if it has one); auto finds such an identifier.",
     false},
    {"sensitivity", 's', LGD_OPTION_CHOICE, FIELD(sensitivity), SCAN | CHECK | EVAL, "LEVEL", "low|medium|high", 0, 0,
     "medium", "How readily a line is called anomalous; medium is the rate that the model was trained for.", false},
    {"fpr", 0, LGD_OPTION_F64, FIELD(fpr), SCAN | CHECK | EVAL, "RATE", NULL, RATE_MIN, RATE_MAX, NULL,
     "Share of normal lines that may be called anomalous, instead of a sensitivity.", false},
    {"adapt", 0, LGD_OPTION_FLAG, FIELD(adapt), SCAN, NULL, NULL, 0, 0, NULL,
     "Let what is usual of sessions follow the log: a new behaviour that many share is told once, and learned.", false},
    {"budget", 0, LGD_OPTION_STRING, FIELD(budget), SCAN, "N/day", NULL, 0, 0, NULL,
     "Report incidents that the training log would have had at most N of a day (or /hour, /week), instead of a rate.",
     false},
    {"hours", 0, LGD_OPTION_STRING, FIELD(hours), SCAN, "FROM-TO=FACTOR,...", NULL, 0, 0, NULL,
     "Multiply the rate of anomalous lines by a factor in some hours of the day, as in 22-6=0.1,12=2.", false},

    {"labels", 0, LGD_OPTION_STRING, FIELD(labels), EVAL, "FILE.csv", NULL, 0, 0, NULL,
     "Table with a header that says which sessions (BlockId, Label) or lines (LineId, Label; File) are anomalous.",
     false},
    {"labels-in-line", 0, LGD_OPTION_FLAG, FIELD(labels_in_line), EVAL, NULL, NULL, 0, 0, NULL,
     "The first word of each line is its label, - where it is normal; it is cut off.", false},
    {"by", 0, LGD_OPTION_CHOICE, FIELD(by), EVAL, "WHAT", "labels|line|session", 0, 0, "labels",
     "Evaluate lines or sessions; labels takes what the labels are of.", false},
    {"window", 0, LGD_OPTION_U64, FIELD(window), EVAL, "N", NULL, 1, 1000000, NULL,
     "Evaluate windows of N lines: anomalous where a line is, scored as their most surprising line.", false},
    {"split", 0, LGD_OPTION_F64, FIELD(split), EVAL, "SHARE", NULL, 0.01, 0.99, NULL,
     "Train on the first SHARE of the log and test on the rest (default: 0.6, unless there is a model).", false},
    {"train-normal", 0, LGD_OPTION_FLAG, FIELD(train_normal), EVAL, NULL, NULL, 0, 0, NULL,
     "Train on what is labelled normal alone.", false},

    {"output", 'o', LGD_OPTION_STRING, FIELD(output), READ, "PATH", NULL, 0, 0, NULL,
     "Write the result to PATH; train writes its model there, to a folder (made if missing) or a .lgd file.", false},
    {"format", 'f', LGD_OPTION_CHOICE, FIELD(format), LGD_CMD_ALL, "FORMAT", "text|json|jsonl|csv", 0, 0, "text",
     "Form of the result.", false},
    {"emit", 0, LGD_OPTION_CHOICE, FIELD(emit), SCAN, "WHAT", "anomalies|all", 0, 0, "anomalies",
     "Report anomalies alone, or all lines with their scores (jsonl and csv).", false},
    {"explain", 0, LGD_OPTION_FLAG, FIELD(explain), SCAN, NULL, NULL, 0, 0, NULL,
     "Explain every incident in the text report, not only the first five.", false},
    {"exit-code", 0, LGD_OPTION_FLAG, FIELD(exit_code), SCAN | LGD_CMD_DIFF, NULL, NULL, 0, 0, NULL,
     "Exit with status 1 when there are anomalies, or significant differences.", false},

    {"threads", 't', LGD_OPTION_U64, FIELD(threads), LGD_CMD_ALL, "N", NULL, 0, 1024, "0",
     "Use N threads; 0 is one for each processor. The result does not depend on it.", false},
    /* 2^53 - 1: the largest number that JSON and YAML readers keep exactly. */
    {"seed", 0, LGD_OPTION_U64, FIELD(seed), LGD_CMD_ALL, "N", NULL, 0, 9007199254740991.0, "42",
     "Seed of everything random; the same seed and input give the same bytes.", false},
    {"device", 0, LGD_OPTION_CHOICE, FIELD(device), LGD_CMD_ALL, "DEVICE", "auto|cpu|cuda", 0, 0, "auto",
     "Where the lstm computes; auto takes a GPU where there is one and the work is worth it.", false},
    {"config", 0, LGD_OPTION_STRING, FIELD(config_path), LGD_CMD_ALL, "FILE.yaml", NULL, 0, 0, NULL,
     "Take options from FILE.yaml first; those of the command line outrank them.", true},
    {"color", 0, LGD_OPTION_CHOICE, FIELD(color), LGD_CMD_ALL, "WHEN", "auto|always|never", 0, 0, "auto",
     "Colour the text report; auto does so on a terminal unless NO_COLOR is set.", false},
    {"quiet", 'q', LGD_OPTION_FLAG, FIELD(quiet), LGD_CMD_ALL, NULL, NULL, 0, 0, NULL,
     "Print errors alone on standard error: no progress, no warnings.", false},
    {"verbose", 'v', LGD_OPTION_COUNT, FIELD(verbose), LGD_CMD_ALL, NULL, NULL, 0, 3, NULL,
     "Tell more: speed on standard error, details of model templates; with --version, what was built in.", false},
    {"help", 'h', LGD_OPTION_FLAG, FIELD(help), LGD_CMD_ALL, NULL, NULL, 0, 0, NULL, "Print this help.", true},
    {"version", 0, LGD_OPTION_FLAG, FIELD(version), LGD_CMD_ALL, NULL, NULL, 0, 0, NULL, "Print the version.", true},
};
const size_t lgd_n_options = sizeof lgd_options / sizeof lgd_options[0];

/* What each command can print; the first is its default. */
static const struct {
    unsigned command;
    const char *choices, *preset;
} formats[] = {
    {LGD_CMD_TRAIN, "text|json", "text"},          {LGD_CMD_SCAN, "text|json|jsonl|csv", "text"},
    {LGD_CMD_PARSE, "csv|jsonl", "csv"},           {LGD_CMD_MODEL, "text|json", "text"},
    {LGD_CMD_DIFF, "text|json|jsonl|csv", "text"}, {LGD_CMD_EVAL, "text|json", "text"},
};

const char *lgd_option_choices(const lgd_option *row, unsigned command) {
    if (row->offset == FIELD(format))
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
            if (formats[i].command == command) return formats[i].choices;
    return row->choices;
}

const char *lgd_option_default(const lgd_option *row, unsigned command) {
    if (row->offset == FIELD(format))
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
            if (formats[i].command == command) return formats[i].preset;
    return row->default_text;
}

const lgd_option *lgd_option_find(lgd_sv name, unsigned command) {
    for (size_t i = 0; i < lgd_n_options; i++)
        if ((lgd_options[i].commands & command) && lgd_sv_eq(name, lgd_sv_of(lgd_options[i].name)))
            return &lgd_options[i];
    return NULL;
}

enum { NAME_MAX_BYTES = 31 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Edit distance (Levenshtein 1966) by one row of the table; words longer than any option are simply far. */
static size_t edit_distance(lgd_sv a, lgd_sv b) {
    size_t row[NAME_MAX_BYTES + 1];
    if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES) return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++) row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t above = row[j];
            row[j] = least(least(row[j], row[j - 1]) + 1, diagonal + (a.p[i - 1] != b.p[j - 1]));
            diagonal = above;
        }
    }
    return row[b.n];
}

const lgd_option *lgd_option_nearest(lgd_sv name, unsigned command) {
    const lgd_option *nearest = NULL;
    size_t best = 3;
    for (size_t i = 0; i < lgd_n_options; i++) {
        size_t distance = edit_distance(name, lgd_sv_of(lgd_options[i].name));
        /* A name that would be replaced as a whole is no typing error. */
        if (!(lgd_options[i].commands & command) || distance >= best || distance >= name.n) continue;
        best = distance;
        nearest = &lgd_options[i];
    }
    return nearest;
}
