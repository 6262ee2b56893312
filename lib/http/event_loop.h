/* The event thread. Private. */
#ifndef LIB_HTTP_EVENT_LOOP_H
#define LIB_HTTP_EVENT_LOOP_H

/* Runs the struct http_server until it is stopped and the last exchange has ended. */
void *event_loop(void *server);

#endif
