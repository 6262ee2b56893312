/* The first administrator's password, kept in the data directory until it is changed. */
#ifndef SRC_APP_FIRST_SIGN_IN_H
#define SRC_APP_FIRST_SIGN_IN_H

#include "src/core/ctx.h"

/* A password that one can copy from a screen: 80 random bits. In the context's arena. */
struct str first_password(struct ctx *ctx);
/* Keeps mail address and password in `first-sign-in`, for its owner only. */
MUST_CHECK enum err first_sign_in_keep(struct ctx *ctx, struct str directory, struct str email,
                                       struct str password);
/*
 * What to tell whoever starts the server, with a line break; empty once the password was changed,
 * when the file is removed. Not inside a transaction; costs a password check while the file is
 * there.
 */
MUST_CHECK enum err first_sign_in(struct ctx *ctx, struct str *ret_text);

#endif
