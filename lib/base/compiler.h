/* The only place that knows compiler extensions. */
#ifndef LIB_BASE_COMPILER_H
#define LIB_BASE_COMPILER_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define UNUSED __attribute__((unused))
#define NORETURN __attribute__((noreturn))
/* Runs `function(&variable)` when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Wide enough for a product of two 64-bit numbers. */
__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
