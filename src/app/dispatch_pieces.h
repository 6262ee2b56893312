/* Requests of any length: each piece is parsed on a worker and committed before the next is read.
 */
#ifndef SRC_APP_DISPATCH_PIECES_H
#define SRC_APP_DISPATCH_PIECES_H

#include "src/app/call.h"

void dispatch_piece(struct call *call, struct str bytes, bool last);

#endif
