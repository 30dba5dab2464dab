/// The served model as the rest of the service sees it: encode, decode, render. Knows neither Spring nor gRPC.
@NullMarked
package dev.millrace.tokenizer.model;

import org.jspecify.annotations.NullMarked;
