/// Text of a choice as it streams: whole characters only, cut before stop strings. Knows neither Spring nor gRPC.
@NullMarked
package dev.millrace.tokenizer.text;

import org.jspecify.annotations.NullMarked;
