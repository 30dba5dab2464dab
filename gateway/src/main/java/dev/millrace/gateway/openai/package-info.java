/// OpenAI's API: requests checked field by field, answers whole or streamed.
@NullMarked
package dev.millrace.gateway.openai;

import org.jspecify.annotations.NullMarked;
