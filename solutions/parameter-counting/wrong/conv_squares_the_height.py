# loses: test_conv_kernel_pair

# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    k = kernel_size if isinstance(kernel_size, int) else kernel_size[0]
    return out_channels * (in_channels // groups) * k**2 + (out_channels if bias else 0)
