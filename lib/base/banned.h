/* Included by every compile (-include): these names do not compile in our code. */
#ifndef LIB_BASE_BANNED_H
#define LIB_BASE_BANNED_H

/* Their own headers first, and the one of libpq that has such a
 * macro, so that the poison meets only our uses. */
#include <postgres_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol strtol strtoul strtoll strtod
#pragma GCC poison scanf sscanf fscanf gmtime localtime alloca gets

/* A call only: external ids have a `system`. The name on the right does not exist. */
#define system(command) system_is_banned

#endif
