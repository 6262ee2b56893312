/* How wide a text stands on a terminal. Private to lib/cli. */
#ifndef LIB_CLI_WIDTH_H
#define LIB_CLI_WIDTH_H

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/str.h"

/* Columns: 0 for marks that combine, 2 for wide characters of East Asia and emoji. */
size_t width_of(struct str text);
/* The text with control characters, marks of direction and bad bytes as visible signs. In the
 * arena, or the text itself when nothing had to change. */
struct str width_visible(struct str text, struct arena *arena);
/* At most `columns` wide, ended by "…" when something was cut. */
struct str width_cut(struct str text, size_t columns, struct arena *arena);
void width_add_spaces(struct buf *buf, size_t count);
/* Words from column `indent` on, in lines that end before `columns`; begins in that column and ends
 * with a newline. Newlines in the text stay, and so does a line that begins with a space. */
void width_add_wrapped(struct buf *buf, struct str text, size_t indent, size_t columns);

#endif
