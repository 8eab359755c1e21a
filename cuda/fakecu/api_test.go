package cu_test

import (
	"unsafe"

	"gorgonia.org/cu"
)

// These compile with gorgonia.org/cu v0.9.6 as well: they hold the stand-in to its
// signatures.
var (
	_ func(int) (cu.Device, error)                                                                          = cu.GetDevice
	_ func() (int, error)                                                                                   = cu.NumDevices
	_ func() int                                                                                            = cu.Version
	_ func(cu.Device, cu.ContextFlags) (cu.CUContext, error)                                                = cu.Device.MakeContext
	_ func(cu.Device, ...cu.DeviceAttribute) ([]int, error)                                                 = cu.Device.Attributes
	_ func(cu.Device, cu.DeviceAttribute) (int, error)                                                      = cu.Device.Attribute
	_ func(cu.Device) (string, error)                                                                       = cu.Device.Name
	_ func(cu.Device) (int, int, error)                                                                     = cu.Device.ComputeCapability
	_ func(cu.CUContext) error                                                                              = cu.SetCurrentContext
	_ func() (cu.CUContext, error)                                                                          = cu.CurrentContext
	_ func(*cu.CUContext) error                                                                             = (*cu.CUContext).Destroy
	_ func() error                                                                                          = cu.Synchronize
	_ func() (int64, int64, error)                                                                          = cu.MemInfo
	_ func(int64) (cu.DevicePtr, error)                                                                     = cu.MemAlloc
	_ func(int64, cu.MemAttachFlags) (cu.DevicePtr, error)                                                  = cu.MemAllocManaged
	_ func(cu.DevicePtr) error                                                                              = cu.MemFree
	_ func(cu.DevicePtr, cu.DevicePtr, int64) error                                                         = cu.Memcpy
	_ func(cu.DevicePtr, unsafe.Pointer, int64) error                                                       = cu.MemcpyHtoD
	_ func(unsafe.Pointer, cu.DevicePtr, int64) error                                                       = cu.MemcpyDtoH
	_ func(cu.DevicePtr, uint32, int64) error                                                               = cu.MemsetD32
	_ func(cu.DevicePtr) uintptr                                                                            = cu.DevicePtr.Uintptr
	_ func(cu.DevicePtr) uintptr                                                                            = cu.DevicePtr.MemSize
	_ func(cu.DevicePtr) bool                                                                               = cu.DevicePtr.IsCUDAMemory
	_ func(string) (cu.Module, error)                                                                       = cu.LoadData
	_ func(string, ...cu.JITOption) (cu.Module, error)                                                      = cu.LoadDataEx
	_ cu.JITOption                                                                                          = &cu.JITInfoLogBuffer{Buffer: []byte(nil)}
	_ cu.JITOption                                                                                          = &cu.JITErrorLogBuffer{Buffer: []byte(nil)}
	_ func(cu.Module) error                                                                                 = cu.Module.Unload
	_ func(cu.Module, string) (cu.Function, error)                                                          = cu.Module.Function
	_ func(cu.Function, int, int, int, int, int, int, int, cu.Stream, []unsafe.Pointer) error               = cu.Function.Launch
	_ func(cu.Function, int, int, int, int, int, int, int, cu.Stream, []unsafe.Pointer) error               = cu.Function.LaunchAndSync
	_ func(cu.Device, cu.CUContext, cu.ContextFlags) *cu.Ctx                                                = cu.CtxFromCUContext
	_ func(cu.Context, cu.Device) *cu.BatchedContext                                                        = cu.NewBatchedContext
	_ func(*cu.BatchedContext)                                                                              = (*cu.BatchedContext).DoWork
	_ func(*cu.BatchedContext) error                                                                        = (*cu.BatchedContext).Errors
	_ func(*cu.BatchedContext) error                                                                        = (*cu.BatchedContext).FirstError
	_ func(*cu.BatchedContext) <-chan struct{}                                                              = (*cu.BatchedContext).WorkAvailable
	_ func(*cu.BatchedContext)                                                                              = (*cu.BatchedContext).Signal
	_ func(*cu.BatchedContext)                                                                              = (*cu.BatchedContext).Cleanup
	_ func(*cu.BatchedContext)                                                                              = (*cu.BatchedContext).Synchronize
	_ func(*cu.BatchedContext, int64) (cu.DevicePtr, error)                                                 = (*cu.BatchedContext).MemAlloc
	_ func(*cu.BatchedContext, cu.DevicePtr, cu.DevicePtr, int64)                                           = (*cu.BatchedContext).Memcpy
	_ func(*cu.BatchedContext, cu.DevicePtr, unsafe.Pointer, int64)                                         = (*cu.BatchedContext).MemcpyHtoD
	_ func(*cu.BatchedContext, unsafe.Pointer, cu.DevicePtr, int64)                                         = (*cu.BatchedContext).MemcpyDtoH
	_ func(*cu.BatchedContext, cu.Function, int, int, int, int, int, int, int, cu.Stream, []unsafe.Pointer) = (*cu.BatchedContext).LaunchKernel
	_ func(*cu.BatchedContext, cu.Function, int, int, int, int, int, int, int, cu.Stream, []unsafe.Pointer) = (*cu.BatchedContext).LaunchAndSync

	_ cu.Context = (*cu.Ctx)(nil)
	_ cu.Context = (*cu.BatchedContext)(nil)
	_ error      = cu.OutOfMemory
	_            = cu.NoStream
	_            = cu.SchedAuto
	_            = cu.AttachGlobal
	_            = []cu.DeviceAttribute{cu.WarpSize, cu.MaxThreadsPerBlock, cu.MaxGridDimX, cu.MaxGridDimY, cu.MaxGridDimZ, cu.MaxBlockDimX, cu.MaxBlockDimY, cu.MaxBlockDimZ}
	_            = []cu.Device{cu.CPU, cu.BadDevice}
)
