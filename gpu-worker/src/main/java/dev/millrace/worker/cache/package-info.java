/// KV blocks: pool, block tables, prefix index.
@NullMarked
package dev.millrace.worker.cache;

import org.jspecify.annotations.NullMarked;
