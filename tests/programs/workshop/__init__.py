"""Builds test programs from recipes and runs them under our loader and under the libc's own."""
