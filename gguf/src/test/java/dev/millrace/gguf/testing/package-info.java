/// What tests of this and other modules need: where the test data is.
@NullMarked
package dev.millrace.gguf.testing;

import org.jspecify.annotations.NullMarked;
