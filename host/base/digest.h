/* SHA-256, as 64 hexadecimal digits. */
#ifndef DS_DIGEST_H
#define DS_DIGEST_H

#include <sha2.h>
#include <stddef.h>

void ds_sha256(char digest[65], const void *data, size_t size);

/* The same piece by piece. */
typedef struct ds_digest {
    SHA2_CTX context;
} ds_digest;
void ds_digest_begin(ds_digest *digest);
void ds_digest_add(ds_digest *digest, const void *data, size_t size);
void ds_digest_end(ds_digest *digest, char text[65]);

#endif
