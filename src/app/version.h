/* Which version this is. */
#ifndef SRC_APP_VERSION_H
#define SRC_APP_VERSION_H

/* Semantic version of the program and of its API document. */
#define RAPPORT_VERSION "0.1.0"
/* The day of this version. */
#define RAPPORT_RELEASED "2026-11-25"

#endif
