/* How a declared command line is looked up. Private to lib/cli. */
#ifndef LIB_CLI_ARGS_H
#define LIB_CLI_ARGS_H

#include "lib/cli/cli.h"

/* Every option that a command takes: its own, then the common ones. NULL past the end. */
const struct cli_option *option_at(const struct cli_program *program,
                                   const struct cli_command *command, size_t index);
/* How many operands "PARTNER [FILE…]" allows; `most` SIZE_MAX for any number. */
struct operand_range {
    size_t least, most;
};
struct operand_range operand_range(const char *operands);
/* The command with exactly these words; NULL when there is none. */
const struct cli_command *command_named(const struct cli_program *program, struct str words);
/* Whether some command's first word is this and a second one follows. */
bool is_family(const struct cli_program *program, struct str word);
/* Whether the command is a member of the family. */
bool in_family(const struct cli_command *command, struct str family);

#endif
