# loses: test_conv_groups

# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = (out_channels // groups) * (in_channels // groups) * height * width
    return weights + (out_channels if bias else 0)
