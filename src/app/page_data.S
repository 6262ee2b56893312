/* The files of the page, as web/embed.mjs leaves them. See src/app/page.c. */
#include "src/app/page_bytes.S"
