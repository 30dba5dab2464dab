@NullMarked
package dev.millrace.worker.model;

import org.jspecify.annotations.NullMarked;
