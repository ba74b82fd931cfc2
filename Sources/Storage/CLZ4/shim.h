#ifndef AVIARY_CLZ4_SHIM_H
#define AVIARY_CLZ4_SHIM_H

#include <lz4.h>

#endif
