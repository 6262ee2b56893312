/* Every command of the program. */
#ifndef SRC_APP_COMMANDS_H
#define SRC_APP_COMMANDS_H

#include "src/core/command.h"

/* The rows as lib/cli wants them, in the arena. */
struct cli_program commands_program(struct arena *arena);

extern const struct command_table init_commands;
extern const struct command_table serve_commands;
extern const struct command_table backup_commands;
extern const struct command_table copy_commands;
extern const struct command_table export_commands;
extern const struct command_table doctor_commands;
extern const struct command_table document_commands;

#endif
