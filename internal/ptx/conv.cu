// Convolutions of package models as products of matrices, which are cuBLAS's. What the taps
// of a filter see at all places of all images, a matrix of taps × (images·places), is copied
// together here, and sums over it are taken apart. A sum is one thread's and in the order of
// the Go code of models, so that no atomic additions are needed.
//
// Kernels are launched with blocks of 256 threads and any number of them.
#include "each.cuh"

// Convolution is the sizes of one. Places in an image and of all images are counted in 32
// bits, as they need half the registers.
struct Convolution {
  int images, channels, height, width, rows, cols, outHeight, outWidth, stride, pad;
  DEVICE int places(const Convolution &c) { return c.outHeight * c.outWidth; }
  DEVICE int columns(const Convolution &c) { return c.images * c.outHeight * c.outWidth; }
};

// columns writes what each tap sees at each place: zeros outside of an image.
template <class T> DEVICE void columns(T *col, const T *x, const Convolution &c) {
  int n = Convolution::columns(c), places = Convolution::places(c);
  EACH(i, (long long)c.channels * n) {
    int channel = (int)(i / n), at = (int)(i % n), image = at / places, place = at % places;
    int top = place / c.outWidth * c.stride - c.pad, left = place % c.outWidth * c.stride - c.pad;
    const T *plane = x + ((long long)image * c.channels + channel) * c.height * c.width;
    T *to = col + (long long)channel * c.rows * c.cols * n + at;
    #pragma unroll 1
    for (int p = 0; p < c.rows; p++) {
      int row = top + p;
      bool inside = row >= 0 && row < c.height;
      #pragma unroll 1
      for (int q = 0; q < c.cols; q++, to += n) {
        int column = left + q;
        *to = inside && column >= 0 && column < c.width ? plane[(long long)row * c.width + column] : (T)0;
      }
    }
  }
}

// add_columns sets each number of x to the sum of what the taps have for it: the transposed
// of columns. Tap p sees a row at the place a for which a·stride + p = row + pad.
template <class T> DEVICE void addColumns(T *x, const T *col, const Convolution &c) {
  long long n = Convolution::columns(c);
  EACH(i, (long long)c.images * c.channels * c.height * c.width) {
    long long line = i / c.width, plane = line / c.height;
    int row = (int)(line % c.height) + c.pad, column = (int)(i % c.width) + c.pad;
    int image = (int)(plane / c.channels), channel = (int)(plane % c.channels);
    const T *from = col + (long long)channel * c.rows * c.cols * n + (long long)image * Convolution::places(c);
    T sum = 0;
    #pragma unroll 1
    for (int p = row % c.stride, a = row / c.stride; p < c.rows && a >= 0; p += c.stride, a--) {
      if (a >= c.outHeight) continue;
      #pragma unroll 1
      for (int q = column % c.stride, b = column / c.stride; q < c.cols && b >= 0; q += c.stride, b--)
        if (b < c.outWidth) sum += from[((long long)p * c.cols + q) * n + (long long)a * c.outWidth + b];
    }
    x[i] = sum;
  }
}

// by_image sets y, images × filters × places, to z, filters × images × places, and adds a
// number per filter, if there are any.
template <class T> DEVICE void byImage(T *y, const T *z, const T *bias, long long images, long long filters, long long places) {
  EACH(i, images * filters * places) {
    long long plane = i / places, image = plane / filters, filter = plane % filters;
    T e = z[(filter * images + image) * places + i % places];
    y[i] = bias ? e + bias[filter] : e;
  }
}

// by_filter sets z, filters × images × places, to y, images × filters × places.
template <class T> DEVICE void byFilter(T *z, const T *y, long long images, long long filters, long long places) {
  EACH(i, images * filters * places) {
    long long plane = i / places, filter = plane / images, image = plane % images;
    z[i] = y[(image * filters + filter) * places + i % places];
  }
}

// add_parts sums parts vectors of n numbers, from the first on.
template <class T> DEVICE void addParts(T *dst, const T *x, long long parts, long long n) {
  EACH(i, n) {
    T sum = x[i];
    for (long long k = 1; k < parts; k++) sum += x[k * n + i];
    dst[i] = sum;
  }
}

#define CONVOLUTION                                                                                                      \
  long long images, long long channels, long long height, long long width, long long rows, long long cols,             \
      long long outHeight, long long outWidth, long long stride, long long pad
#define THE_CONVOLUTION                                                                                                  \
  Convolution{(int)images, (int)channels,  (int)height,   (int)width,  (int)rows,                                       \
              (int)cols,   (int)outHeight, (int)outWidth, (int)stride, (int)pad}

#define CONVOLUTIONS(suffix, T)                                                                                          \
  KERNEL_OF(tile) columns_##suffix(T *col, const T *x, CONVOLUTION) { columns(col, x, THE_CONVOLUTION); }              \
  KERNEL_OF(tile) add_columns_##suffix(T *x, const T *col, CONVOLUTION) { addColumns(x, col, THE_CONVOLUTION); }       \
  KERNEL_OF(tile) by_image_##suffix(T *y, const T *z, const T *bias, long long images, long long filters,               \
                                    long long places) {                                                                  \
    byImage(y, z, bias, images, filters, places);                                                                        \
  }                                                                                                                      \
  KERNEL_OF(tile) by_filter_##suffix(T *z, const T *y, long long images, long long filters, long long places) {        \
    byFilter(z, y, images, filters, places);                                                                             \
  }                                                                                                                      \
  KERNEL_OF(tile) add_parts_##suffix(T *dst, const T *x, long long parts, long long n) { addParts(dst, x, parts, n); }

CONVOLUTIONS(f32, float)
CONVOLUTIONS(f64, double)
