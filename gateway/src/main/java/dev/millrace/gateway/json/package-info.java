/// Writing JSON fast.
@NullMarked
package dev.millrace.gateway.json;

import org.jspecify.annotations.NullMarked;
