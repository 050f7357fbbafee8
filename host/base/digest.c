#include "base/digest.h"

#include <stdio.h>

void ds_digest_begin(ds_digest *digest) {
    SHA256Init(&digest->context);
}

void ds_digest_add(ds_digest *digest, const void *data, size_t size) {
    SHA256Update(&digest->context, data, size);
}

void ds_digest_end(ds_digest *digest, char text[65]) {
    unsigned char raw[SHA256_DIGEST_LENGTH];
    SHA256Final(raw, &digest->context);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(text + 2 * i, 3, "%02x", raw[i]);
}

void ds_sha256(char digest[65], const void *data, size_t size) {
    ds_digest whole;
    ds_digest_begin(&whole);
    ds_digest_add(&whole, data, size);
    ds_digest_end(&whole, digest);
}
