/// What tests of this and other modules need: a writer of small GGUF files, and where the test data is.
@NullMarked
package dev.millrace.gguf.testing;

import org.jspecify.annotations.NullMarked;
