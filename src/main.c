#include "cli/cli.h"

int main(int argc, char **argv) { return lgd_cli_main(argc, argv); }
