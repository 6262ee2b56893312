/* Members of a mapping's JSON, each with its path. Private to src/intake. */
#ifndef SRC_INTAKE_MAPPING_PARSE_H
#define SRC_INTAKE_MAPPING_PARSE_H

#include "src/intake/mapping.h"

/* Where a reader of JSON is. */
struct mapping_reader {
    struct arena *arena;
    struct fault *fault;
};

/* An object, array or member and its path: "records[1].fields". */
struct mapping_node {
    const struct json *value;
    struct str path;
};

/* "MEMBER of PATH"; a value that is not there is NULL. */
struct mapping_node mapping_member(struct mapping_reader *reader, struct mapping_node object,
                                   const char *name);
struct mapping_node mapping_item(struct mapping_reader *reader, struct mapping_node array,
                                 size_t index);
MUST_CHECK enum err mapping_refuse(struct mapping_reader *reader, struct mapping_node node,
                                   const char *sentence);
/* Refuses what is no object, and members that are not among the names (NULL behind the last). */
MUST_CHECK enum err mapping_check_object(struct mapping_reader *reader, struct mapping_node node,
                                         const char *const *names);
/* Refuses what is no array or has more than `max` items; absent is empty. */
MUST_CHECK enum err mapping_check_array(struct mapping_reader *reader, struct mapping_node node,
                                        size_t max, size_t *ret_count);
/* The readers leave the output as it is where the member is absent. */
MUST_CHECK enum err mapping_read_text(struct mapping_reader *reader, struct mapping_node node,
                                      size_t max_bytes, struct str *ret_text);
/* An array of at most `max` texts. */
MUST_CHECK enum err mapping_read_texts(struct mapping_reader *reader, struct mapping_node node,
                                       size_t max, const struct str **ret_texts, size_t *ret_count);
MUST_CHECK enum err mapping_read_bool(struct mapping_reader *reader, struct mapping_node node,
                                      bool *ret_value);
MUST_CHECK enum err mapping_read_int(struct mapping_reader *reader, struct mapping_node node,
                                     int64_t max, int64_t *ret_value);
/* One of the names, as its number. */
MUST_CHECK enum err mapping_read_name(struct mapping_reader *reader, struct mapping_node node,
                                      const char *const *names, int *ret_index);
MUST_CHECK enum err mapping_read_template(struct mapping_reader *reader, struct mapping_node node,
                                          struct template *ret_template);
MUST_CHECK enum err mapping_read_conditions(struct mapping_reader *reader, struct mapping_node node,
                                            struct condition **ret_conditions, size_t *ret_count);
MUST_CHECK enum err mapping_read_record(struct mapping_reader *reader, struct mapping_node node,
                                        struct mapping_record *ret_record);

/* The names of enums in JSON, in their order, NULL behind the last. */
extern const char *const mapping_reference_names[];
extern const char *const mapping_date_names[];
extern const char *const mapping_decimal_names[];
extern const char *const mapping_only_names[];
/* "partner" or a fact's kind. */
struct str mapping_make_name(const struct mapping_record *record);

#endif
