@NullMarked
package dev.millrace.worker.config;

import org.jspecify.annotations.NullMarked;
