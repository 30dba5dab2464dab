/// Reading requests strictly: bytes, JSON, fields, types and ranges.
@NullMarked
package dev.millrace.gateway.request;

import org.jspecify.annotations.NullMarked;
