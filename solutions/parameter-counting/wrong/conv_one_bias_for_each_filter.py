# loses: test_conv_worked_example, test_conv_kernel_pair, test_conv_groups

# %% question="conv2d"
def conv2d_parameter_count(in_channels, out_channels, kernel_size, bias=True, groups=1):
    height, width = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    filters = out_channels * (in_channels // groups)
    return filters * (height * width + (1 if bias else 0))  # one bias for each pair of channels
